/** What is kept, as dashboards know it. */
import type { Family } from '#platform/telemetry.ts'
import type { Cache } from './cache.ts'

export const cacheFamilies = (cache: Pick<Cache, 'state'>): Family[] => [
  {
    type: 'gauge',
    name: 'portico_cache_bytes',
    help: 'Memory that answers kept for all callers take',
    read: () => cache.state().bytes,
  },
  {
    type: 'gauge',
    name: 'portico_cache_bytes_max',
    help: 'Memory that they may take',
    read: () => cache.state().bytesMax,
  },
  {
    type: 'counter',
    name: 'portico_cache_asked_total',
    help: 'Calls of operations whose answers may be kept, by whether one was',
    labels: ['found'],
    read: () => {
      const { hits, misses } = cache.state()
      return [
        [{ found: 'yes' }, hits],
        [{ found: 'no' }, misses],
      ]
    },
  },
]
