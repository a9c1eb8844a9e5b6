"""The reconciliation report: compares every effect in our rows with what the CRM holds. It writes nothing."""

from services.reconciliation.reports import CompanyReport, Reconciler, ReconciliationRunning

__all__ = ["CompanyReport", "Reconciler", "ReconciliationRunning"]
