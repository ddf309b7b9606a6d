"""What a change of the tree changes in the cluster: resource by resource, from what Flux builds on both sides."""
