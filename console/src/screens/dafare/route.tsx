import { createLazyRoute } from '@tanstack/react-router'
import { TodoPage } from './TodoPage'

export const Route = createLazyRoute('/frame/da-fare')({ component: TodoPage })
