// Compresses once, at the build, what the server would otherwise compress for every visitor.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const FOLDER = 'dist/assets'
const WORTH_IT = /\.(js|css|svg|ttf)$/
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }

for (const name of readdirSync(FOLDER).filter((file) => WORTH_IT.test(file))) {
  const content = readFileSync(`${FOLDER}/${name}`)
  writeFileSync(`${FOLDER}/${name}.br`, brotliCompressSync(content, quality))
  writeFileSync(`${FOLDER}/${name}.gz`, gzipSync(content, { level: 9 }))
}
