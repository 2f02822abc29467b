"""The doors by which devices speak to us (接入网关), one file or folder a protocol."""
