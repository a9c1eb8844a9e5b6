import { createLazyRoute } from '@tanstack/react-router'
import { ActionPage } from './ActionPage'

export const Route = createLazyRoute('/frame/azioni/$id')({ component: ActionPage })
