"""What `kustomize build` makes of a folder, statically, with the origin of every field."""
