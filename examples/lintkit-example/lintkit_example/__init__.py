"""A plugin of lintkit: one rule, one report, one blueprint and one probe."""
