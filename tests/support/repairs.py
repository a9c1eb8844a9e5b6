"""Repairs of flagged opportunities over GraphQL."""

REPAIR = """mutation($opportunity: ID!, $repair: Repair!, $crm: ID, $reason: String) {
    repairOpportunity(opportunityId: $opportunity, repair: $repair, crmOpportunityId: $crm, reason: $reason) {
        action { id kind status items { nodes { outcome crmId } } }
        opportunity { code crmId flag keptAt keptReason status childTicket { code status } }
        problems { code path ... on ActionRunningProblem { action { id } } } } }"""
CODE = "TCK-F40-5155-02"


def codes(answer):
    return [problem["code"] for problem in answer["problems"]]
