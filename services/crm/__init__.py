"""The one door to the CRM: what we need from it (`protocol`), the client that fulfils it, and a sandbox to run against."""
