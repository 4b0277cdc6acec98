// An OPC UA server on node-opcua, told what to do by JSON lines on stdin; says {"ready": <url>} when it listens.
// argv: port, folder with server.der, server.pem and trusted/ (client certificates).

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { MessageSecurityMode, SecurityPolicy } = require("node-opcua-secure-channel");
const { standardUnits } = require("node-opcua-data-access");
const { DataType, VariantArrayType } = require("node-opcua-variant");
const { StatusCodes } = require("node-opcua-status-code");

async function certificates(folder) {
  const manager = new OPCUACertificateManager({
    automaticallyAcceptUnknownCertificate: false,
    rootFolder: path.join(folder, "pki"),
  });
  await manager.initialize();
  for (const name of fs.readdirSync(path.join(folder, "trusted"))) {
    await manager.trustCertificate(fs.readFileSync(path.join(folder, "trusted", name)));
  }
  return manager;
}

function variables(server) {
  const space = server.engine.addressSpace;
  const namespace = space.registerNamespace("urn:plant:line-3");
  const parent = { organizedBy: space.rootFolder.objects };
  const analog = namespace.addAnalogDataItem({
    ...parent,
    nodeId: "s=DP",
    browseName: "DP",
    dataType: DataType.Double,
    engineeringUnitsRange: { low: -50, high: 100 },
    engineeringUnits: standardUnits.pascal,
  });
  const plain = (name, dataType) =>
    namespace.addVariable({ ...parent, nodeId: `s=${name}`, browseName: name, dataType, minimumSamplingInterval: 50 });
  const all = { DP: analog, N: plain("N", DataType.UInt64), S: plain("S", DataType.String) };
  space.installHistoricalDataNode(analog, { maxOnlineValues: 10000 });
  return all;
}

function write(variable, { type, value, status = "Good", time = null }) {
  const given = { dataType: DataType[type], arrayType: VariantArrayType.Scalar, value };
  variable.setValueFromSource(given, StatusCodes[status], time ? new Date(time) : undefined);
}

async function main(port, folder) {
  const server = new OPCUAServer({
    port,
    hostname: "127.0.0.1",
    alternateHostname: "127.0.0.1",
    certificateFile: path.join(folder, "server-certificate.pem"),
    privateKeyFile: path.join(folder, "server.pem"),
    serverCertificateManager: await certificates(folder),
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256],
    serverInfo: { applicationUri: "urn:plant:line-3:server" },
  });
  await server.initialize();
  const known = variables(server);
  await server.start();
  const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
  say({ ready: `opc.tcp://127.0.0.1:${port}/` });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { set, cut, listen, ...rest } = JSON.parse(line);
    if (set) write(known[set], rest);
    for (const endpoint of server.endpoints) {
      if (cut) {
        endpoint.abruptlyInterruptChannels();
        await new Promise((done) => endpoint.suspendConnection(done));
      }
      if (listen) await new Promise((done) => endpoint.restoreConnection(done));
    }
    say({ done: true, sessions: server.currentSessionCount });
  }
  await server.shutdown(0);
  process.exit(0);
}

main(Number(process.argv[2]), process.argv[3]);
