import '../kit/styles/kit.css'
import './portal.css'
import { begin } from '../kit/begin.tsx'
import { loadCatalogue } from './messages/index.ts'
import { router } from './router.tsx'

await begin(router, loadCatalogue)
