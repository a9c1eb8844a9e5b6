import './workers'
import 'graphiql/style.css'
import '@graphiql/plugin-explorer/style.css'
import './page.css'
import { createRoot } from 'react-dom/client'
import { GraphiQLPage } from './GraphiQLPage'

const root = document.getElementById('root')
if (!root) throw new Error('The page has no root.')
createRoot(root).render(<GraphiQLPage />)
