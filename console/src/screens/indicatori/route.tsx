import { createLazyRoute } from '@tanstack/react-router'
import { BoardPage } from './BoardPage'

export const Route = createLazyRoute('/frame/indicatori')({ component: BoardPage })
