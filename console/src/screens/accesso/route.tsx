import { createLazyRoute } from '@tanstack/react-router'
import { SignInPage } from './SignInPage'

export const Route = createLazyRoute('/accedi')({ component: SignInPage })
