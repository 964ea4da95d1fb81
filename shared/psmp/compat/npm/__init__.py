"""npm packages: node-semver ranges as exact sets of versions."""
