"""The one door to the CRM: our protocol for it, the client that fulfils the protocol, and a sandbox to run against."""
