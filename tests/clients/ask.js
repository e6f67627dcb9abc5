// Asks one npm client for the answers of test_clients.py: node ask.js CLIENT FOLDER
const path = require("path");
const [client, folder] = process.argv.slice(2);
const descriptor = path.join(folder, "datapackage.json");

// Each client gives the rows of a table as objects.
const clients = {
  async datapackage() {
    const { Package } = require("datapackage");
    const found = await Package.load(descriptor, folder);
    if (!found.valid) throw new Error(found.errors.join("\n"));
    return (table) => found.getResource(table).read({ keyed: true });
  },
  async "frictionless.js"() {
    const { Dataset } = require("frictionless.js");
    const toArray = require("stream-to-array");
    const found = await Dataset.load(descriptor);
    return async (table) => {
      const file = found.resources.find((resource) => resource.descriptor.name === table);
      return toArray(await file.rows({ keyed: true }));
    };
  },
};

async function main() {
  const rows = await clients[client]();
  const meetings = await rows("meetings");
  const products = await rows("trade_products");
  const missing = (cell) => cell === null || cell === "";
  const levels = {};
  for (const { level_code } of meetings) levels[level_code] = (levels[level_code] || 0) + 1;
  const values = products.map((row) => row.value_usd).filter((cell) => !missing(cell));
  const answer = {
    meetings: meetings.length,
    levels,
    no_city: meetings.filter((row) => missing(row.city)).length,
    longest_outcome: Math.max(...meetings.map((row) => (missing(row.outcome) ? 0 : [...row.outcome].length))),
    products: products.length,
    value_usd: values.reduce((sum, value) => sum + Number(value), 0),
    no_value: products.length - values.length,
    leading_zeros: [...new Set(products.map((row) => row.hs_code).filter((code) => /^0/.test(code || "")))].sort(),
  };
  const version = require(path.join(client, "package.json")).version;
  console.log(JSON.stringify({ version: `${version}, node ${process.versions.node}`, answer }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
