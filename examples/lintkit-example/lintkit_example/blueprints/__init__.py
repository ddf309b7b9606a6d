"""Blueprints: folders with `blueprint.yaml` and templates."""
