"""The sample wire: invented outlets, served on loopback, for `newswire demo` and for tests."""
