import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { consolePages, inPassing, portalPages, publicPages } from './pages.ts'

const ui = resolve(import.meta.dirname, '../../ui')

/** The addresses that a router has, with a word for what is filled in: `/partners/$id/money`. */
const routesOf = (front: string): string[] => {
  const source = readFileSync(resolve(ui, front, 'router.tsx'), 'utf8')
  return [...source.matchAll(/(?:path: |page\(|lazily\(|at\(\s*)'(\/[^']*)'/g)].map(
    ([, path = '']) => path,
  )
}
const fits = (route: string, page: string): boolean =>
  new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}$`).test(page.replace(/\?.*$/, ''))

test('the browser walks every page of portal and console', () => {
  const id = 'some'
  const inCell = portalPages({
    application: '/sandbox/applications/some',
    contract: id,
    call: id,
    endpoint: id,
  }).map((page) => page.replace(/^\/(sandbox|production)(?=\/)/, ''))
  const inReference = publicPages.map((page) => page.replace(/^\/reference(?=\/)/, ''))
  const walked = {
    portal: [...publicPages, ...inReference, ...inCell, '/sandbox'],
    console: [
      '/',
      '/sign-in',
      ...consolePages({ change: id, partner: id, contract: id, incident: id }),
    ],
  }
  for (const [front, pages] of Object.entries(walked)) {
    const routes = routesOf(front)
    assert.ok(routes.length > 20, front)
    const missing = routes.filter(
      (route) => !inPassing.includes(route) && !pages.some((page) => fits(route, page)),
    )
    assert.deepEqual(missing, [], front)
  }
})
