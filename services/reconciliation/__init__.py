"""The reconciliation report: every effect that we believe in against what the CRM holds. It writes nothing."""

from services.reconciliation.reports import CompanyReport, Reconciler, ReconciliationRunning

__all__ = ["CompanyReport", "Reconciler", "ReconciliationRunning"]
