// SPDX-License-Identifier: MIT
// Nodes of the npm package bittorrent-dht in one process, which does what its input says.
//
// usage: node bittorrent_dht_nodes.mjs FOLDER COUNT PORT BOOTSTRAP
// Node I listens on 127.0.1.(1+I):(PORT+I). FOLDER has the node_modules; BOOTSTRAP is a HOST:PORT to begin at. `ready`
// is printed when all nodes are. Then a line each, answered as libtorrent_nodes.py does:
//   keepers HEX N, announce HEX PORT, get HEX ENDPOINT, put TEXT, fetch HEX
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [folder, count, port, bootstrap] = process.argv.slice(2)
const { Client } = await import(pathToFileURL(join(folder, 'node_modules', 'bittorrent-dht', 'index.js')))
const patience = 14000

const nodes = []
for (let i = 0; i < Number(count); i++) {
  const entries = i === 0 ? [bootstrap] : [bootstrap, `127.0.1.1:${port}`]
  const node = new Client({ bootstrap: entries })
  node.on('error', error => console.log('error', error.message))
  await new Promise(resolve => node.listen(Number(port) + i, `127.0.1.${1 + i}`, resolve))
  nodes.push(node)
}
await Promise.all(nodes.map(node => node.ready || new Promise(resolve => node.once('ready', resolve))))
console.log('ready')

// Tries every second until `attempt` resolves to something, or time is over.
function until (attempt, otherwise) {
  return new Promise(resolve => {
    const last = setTimeout(() => { clearInterval(again); resolve(otherwise()) }, patience)
    const once = async () => {
      const found = await attempt()
      if (found === undefined) return
      clearTimeout(last)
      clearInterval(again)
      resolve(found)
    }
    const again = setInterval(once, 1000)
    once()
  })
}

const first = nodes[0]
const last = nodes[nodes.length - 1]
const obey = {
  keepers: (id, wanted) => {
    const keepers = () => nodes.filter(node => node.nodes.toArray().some(one => one.id.toString('hex') === id)).length
    return until(async () => keepers() >= Number(wanted) ? `keepers ${keepers()}` : undefined,
      () => `failed: only ${keepers()} nodes keep it`)
  },
  announce: (hash, peerPort) => new Promise(resolve => last.announce(hash, Number(peerPort), error =>
    resolve(error ? `failed: ${error.message}` : `announced ${last.address().address}:${peerPort}`))),
  get: (hash, wanted) => {
    const seen = new Set()
    first.on('peer', (peer, of) => { if (of.toString('hex') === hash) seen.add(`${peer.host}:${peer.port}`) })
    const attempt = () => new Promise(resolve => first.lookup(hash, () =>
      resolve(seen.has(wanted) ? ['peers', ...seen].join(' ') : undefined)))
    return until(attempt, () => ['failed: only', ...seen].join(' '))
  },
  put: (...words) => new Promise(resolve => last.put({ v: Buffer.from(words.join(' ')) }, (error, target, stored) =>
    resolve(error ? `failed: ${error.message}` : `target ${target.toString('hex')} stored ${stored}`))),
  fetch: target => until(() => new Promise(resolve => first.get(target, { cache: false }, (error, found) =>
    resolve(!error && found ? `item ${Buffer.from(found.v).toString()}` : undefined))), () => 'failed: no such item')
}

for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...rest] = line.trim().split(/\s+/)
  console.log(await obey[word](...rest))
}
process.exit(0)
