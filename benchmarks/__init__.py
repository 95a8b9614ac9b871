"""sipweb compared with two admin panels; see README.md."""
