"""The loops of this domain (闭环): data, one file a subject."""
