import { graphql, type ResultOf } from '../../api/graphql'

const MeasureFields = graphql(`
  fragment MeasureFields on Measure @_unmask {
    value
    unit
    count
    numerator
    address
  }
`)

/** Everything that the board shows, of one instant. */
export const BoardQuery = graphql(
  `
  query Board(
    $lastDays: Int
    $from: Date
    $to: Date
    $filter: KpiFilter
    $interval: KpiInterval!
    $figures: [KpiRequest!]!
    $load: [KpiRequest!]!
    $kits: [KpiRequest!]!
    $stages: [KpiRequest!]!
  ) {
    board: kpis(lastDays: $lastDays, from: $from, to: $to, filter: $filter, figures: $figures) {
      from
      to
      dataUntil
      figures {
        subject
        trend
        definition {
          key
          nature
        }
        measure {
          ...MeasureFields
        }
        previous {
          value
        }
        target {
          value
          met
        }
        statistics {
          name
          measure {
            ...MeasureFields
          }
        }
        exclusions {
          reason
          measure {
            ...MeasureFields
          }
        }
        series(interval: $interval) {
          from
          partial
          measure {
            ...MeasureFields
          }
        }
      }
    }
    load: kpis(lastDays: $lastDays, from: $from, to: $to, filter: $filter, figures: $load) {
      figures {
        definition {
          key
        }
        groups(by: OPERATOR, first: 8) {
          key
          label
          measure {
            ...MeasureFields
          }
        }
      }
    }
    kits: kpis(lastDays: $lastDays, from: $from, to: $to, filter: $filter, figures: $kits) {
      figures {
        definition {
          key
        }
        groups(by: KIT, first: 8) {
          key
          label
          measure {
            ...MeasureFields
          }
        }
      }
    }
    stages: kpis(lastDays: $lastDays, from: $from, to: $to, filter: $filter, figures: $stages) {
      figures {
        measure {
          ...MeasureFields
        }
        population(first: 5, orderBy: DUE_ON_ASC) {
          edges {
            title
            subtitle
            node {
              __typename
              ... on Milestone {
                id
                title
                progress
                dueOn
                sla
                ticket {
                  id
                  code
                  company {
                    id
                    name
                  }
                }
              }
            }
          }
        }
      }
    }
  }
`,
  [MeasureFields],
)

/** An item for every change of the hub and for every day that begins: figures whose rows are selected come each time. */
export const BoardNews = graphql(`
  subscription BoardNews($figures: [KpiRequest!]!) {
    kpiUpdates(figures: $figures, lastDays: 1) {
      state
      report {
        figures {
          population(first: 1) {
            totalCount
          }
        }
      }
    }
  }
`)

export type Board = ResultOf<typeof BoardQuery>
export type Figure = Board['board']['figures'][number]
export type Measure = ResultOf<typeof MeasureFields>
export type Grouped = Board['load']['figures'][number]
