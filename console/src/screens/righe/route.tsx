import { createLazyRoute } from '@tanstack/react-router'
import { RowsPage } from './RowsPage'

export const Route = createLazyRoute('/frame/indicatori/righe')({ component: RowsPage })
