import { createLazyRoute } from '@tanstack/react-router'
import { TicketsPage } from './TicketsPage'

export const Route = createLazyRoute('/frame/ticket')({ component: TicketsPage })
