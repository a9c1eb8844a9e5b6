import { createLazyRoute } from '@tanstack/react-router'
import { TreePage } from './TreePage'

export const Route = createLazyRoute('/frame/ticket/$code')({ component: TreePage })
