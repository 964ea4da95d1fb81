"""The routes by what they are about; ``psmp_gateway.table`` lists them all."""
