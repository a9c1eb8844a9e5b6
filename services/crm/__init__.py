"""The only door to the CRM: our protocol for it, the client that implements it, and a sandbox to run against."""
