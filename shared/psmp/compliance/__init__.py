"""What the record can say about the controls of SOC 2, GDPR and HIPAA, and what it cannot. Pure."""
