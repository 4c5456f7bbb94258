/** Starts a front: the reader's language first, then the pages. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type AnyRouter, RouterProvider } from '@tanstack/react-router'
import { Refusal } from './api.ts'
import { learnBank } from './bank.ts'
import { LanguageProvider, type LoadCatalogue, preferredLanguage } from './language.tsx'
import { StepUp } from './prove.tsx'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal is an answer; only a server that could not be reached or fell over is asked again.
      retry: (failures, error) =>
        failures < 2 && error instanceof Refusal && (error.status === 0 || error.status >= 502),
      throwOnError: false,
    },
    mutations: { retry: false },
  },
})

export const begin = async (router: AnyRouter, load: LoadCatalogue): Promise<void> => {
  const language = preferredLanguage()
  const [catalogue] = await Promise.all([load(language), learnBank()])
  document.documentElement.lang = language
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no #root to stand in')
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <LanguageProvider first={{ language, catalogue }} load={load}>
          <RouterProvider router={router} />
          <StepUp />
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}
