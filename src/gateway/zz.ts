import { openCell } from '#test/gateway/cell.ts'
import { acc, accountsDetail, withConsent } from '#test/gateway/partner.ts'
import { fork } from 'node:child_process'
if (process.argv[2] === 'load') {
  const { Pool } = await import('undici')
  process.on('message', async (m: any) => {
    const pool = new Pool(`https://localhost:${m.port}`, {
      connections: 16,
      connect: { ca: m.ca, cert: m.pem, key: m.key },
    })
    let n = 0,
      bad = 0
    const end = Date.now() + m.ms
    const t0 = performance.now()
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (Date.now() < end) {
          const r = await pool.request({
            method: 'GET',
            path: m.path,
            headers: {
              authorization: `Bearer ${m.token}`,
              'x-fapi-customer-ip-address': '192.0.2.1',
            },
          })
          const t = await r.body.text()
          n++
          if (r.statusCode !== 200) {
            bad++
            if (bad < 3) console.log(t)
          }
        }
      }),
    )
    console.log('rps', ((n / (performance.now() - t0)) * 1000).toFixed(0), 'bad', bad)
    process.send!({ n })
    await pool.close()
    process.exit()
  })
} else {
  const cell = await openCell()
  const h = await cell.addHolder('mtls', {
    limits: {
      rate: { perSecond: 1e6, burst: 1e6 },
      concurrency: 500,
      dailyQuota: 1e9,
      budgets: {},
    },
  })
  await cell.start()
  await cell.publishAndWait()
  const body = {
    data: Array.from({ length: 12 }, (_, i) => ({
      accountId: acc,
      type: 'ITAV',
      creditDebitIndicator: 'Credit',
      amount: { amount: '4815000.00', currency: 'UZS' },
      dateTime: '2026-11-22T10:00:00Z',
      KOD: i,
    })),
    next: null,
  }
  console.log('bytes', JSON.stringify(body).length)
  cell.setPlay((_, r) => {
    r.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const token = await cell.token(h, withConsent('consent_' + 'a'.repeat(32), accountsDetail()))
  const child = fork(import.meta.filename, ['load'], { execArgv: [] })
  const cpu0 = process.cpuUsage()
  child.send({
    port: cell.world.ports.production.gatewayMtls,
    ca: cell.ca.toString(),
    pem: h.certificate.pem,
    key: h.certificate.key,
    token,
    path: `/accounts/v1/accounts/${acc}/balances`,
    ms: 8000,
  })
  const { n } = await new Promise<any>((r) => child.on('message', r))
  const c = process.cpuUsage(cpu0)
  console.log('cpu µs per call (gateway + played bank)', ((c.user + c.system) / n).toFixed(0))
  await cell.close()
  process.exit()
}
