"""From the network into the store: only `lintkit schemas` comes here, `check` never does."""
