"""What a field may be: schemas of built-in kinds, custom resources and Helm values."""
