// An OPC UA server on Eclipse Milo, told what to do by lines on stdin; says "ready" when it listens.
// Arguments: port, folder with server.der, server.pem (PKCS 8) and trusted/ (client certificates).
// Lines: set <name> <type> <status code, hex> <source time, ms or -> <value, or - for null>

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.util.SubscriptionModel;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.CertificateStore;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.DefaultServerCertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.EUInformation;
import org.eclipse.milo.opcua.stack.core.types.structured.Range;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

public class Server {
  static final String URI = "urn:plant:line-3:server";

  static class Plant extends ManagedNamespaceWithLifecycle {
    final Map<String, UaVariableNode> variables = new HashMap<>();
    final SubscriptionModel subscriptions;

    Plant(OpcUaServer server) {
      super(server, "urn:plant:line-3");
      subscriptions = new SubscriptionModel(server, this);
      getLifecycleManager().addLifecycle(subscriptions);
      getLifecycleManager().addStartupTask(this::add);
    }

    void add() {
      UaVariableNode dp = variable("DP", NodeIds.Double, NodeIds.AnalogItemType);
      int pascal = 'P' << 16 | 'A' << 8 | 'L'; // UN/ECE Recommendation 20, as OPC 10000-8 packs it
      EUInformation unit = new EUInformation("", pascal, LocalizedText.english("Pa"), LocalizedText.NULL_VALUE);
      property(dp, "EngineeringUnits", NodeIds.EUInformation, Variant.ofStruct(unit));
      property(dp, "EURange", NodeIds.Range, Variant.ofStruct(new Range(-50.0, 100.0)));
      variable("N", NodeIds.UInt64, NodeIds.BaseDataVariableType);
      variable("S", NodeIds.String, NodeIds.BaseDataVariableType);
    }

    UaVariableNode variable(String name, NodeId type, NodeId kind) {
      UaVariableNode node = UaVariableNode.build(getNodeContext(), b -> b.setNodeId(newNodeId(name))
          .setBrowseName(newQualifiedName(name)).setDisplayName(LocalizedText.english(name))
          .setDataType(type).setTypeDefinition(kind).buildAndAdd());
      node.addReference(new Reference(
          node.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), Reference.Direction.INVERSE));
      variables.put(name, node);
      return node;
    }

    void property(UaVariableNode owner, String name, NodeId type, Variant value) {
      UaVariableNode node = UaVariableNode.build(getNodeContext(), b -> b
          .setNodeId(newNodeId(owner.getBrowseName().name() + "." + name))
          .setBrowseName(new QualifiedName(0, name))
          .setDisplayName(LocalizedText.english(name))
          .setDataType(type).setTypeDefinition(NodeIds.PropertyType).setValue(new DataValue(value)).buildAndAdd());
      owner.addReference(new Reference(
          owner.getNodeId(), NodeIds.HasProperty, node.getNodeId().expanded(), Reference.Direction.FORWARD));
    }

    @Override public void onDataItemsCreated(List<DataItem> items) { subscriptions.onDataItemsCreated(items); }
    @Override public void onDataItemsModified(List<DataItem> items) { subscriptions.onDataItemsModified(items); }
    @Override public void onDataItemsDeleted(List<DataItem> items) { subscriptions.onDataItemsDeleted(items); }
    @Override public void onMonitoringModeChanged(List<MonitoredItem> items) {
      subscriptions.onMonitoringModeChanged(items);
    }

    void set(String[] words) {
      String text = words[5];
      Object value = text.equals("-") ? null : switch (words[2]) {
        case "Double" -> (Object) Double.valueOf(text);
        case "UInt64" -> ulong(text);
        default -> text;
      };
      DateTime time = words[4].equals("-") ? null : new DateTime(new java.util.Date(Long.parseLong(words[4])));
      StatusCode status = new StatusCode(Long.parseLong(words[3], 16));
      variables.get(words[1]).setValue(new DataValue(new Variant(value), status, time, DateTime.now()));
    }
  }

  static X509Certificate certificate(File file) throws Exception {
    try (FileInputStream in = new FileInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  static PrivateKey key(Path file) throws Exception {
    String text = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
    return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
  }

  static OpcUaServer server(int port, Path folder) throws Exception {
    X509Certificate own = certificate(folder.resolve("server.der").toFile());
    MemoryTrustListManager trusted = new MemoryTrustListManager();
    for (File file : folder.resolve("trusted").toFile().listFiles()) {
      trusted.addTrustedCertificate(certificate(file));
    }
    MemoryCertificateStore store = new MemoryCertificateStore();
    store.set(NodeIds.RsaSha256ApplicationCertificateType,
        new CertificateStore.Entry(key(folder.resolve("server.pem")), new X509Certificate[] {own}));
    MemoryCertificateQuarantine quarantine = new MemoryCertificateQuarantine();
    RsaSha256CertificateFactory factory = new RsaSha256CertificateFactory() {
      @Override protected X509Certificate[] createRsaSha256CertificateChain(KeyPair pair) {
        throw new IllegalStateException("the certificate is given");
      }
    };
    DefaultApplicationGroup group = DefaultApplicationGroup.createAndInitialize(
        trusted, store, factory, new DefaultServerCertificateValidator(trusted, quarantine));
    EndpointConfig.Builder endpoint = EndpointConfig.newBuilder().setBindAddress("127.0.0.1").setBindPort(port)
        .setHostname("127.0.0.1").setPath("/").setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
        .setCertificate(own).addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS);
    Set<EndpointConfig> endpoints = new LinkedHashSet<>();
    endpoints.add(endpoint.copy().setSecurityPolicy(SecurityPolicy.None).setSecurityMode(MessageSecurityMode.None).build());
    endpoints.add(endpoint.copy().setSecurityPolicy(SecurityPolicy.Basic256Sha256)
        .setSecurityMode(MessageSecurityMode.SignAndEncrypt).build());
    OpcUaServerConfig config = OpcUaServerConfig.builder().setApplicationUri(URI).setProductUri(URI)
        .setApplicationName(LocalizedText.english("Milo")).setEndpoints(endpoints)
        .setIdentityValidator(AnonymousIdentityValidator.INSTANCE)
        .setCertificateManager(new DefaultCertificateManager(quarantine, group)).build();
    return new OpcUaServer(
        config, profile -> new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder().build()));
  }

  public static void main(String[] arguments) throws Exception {
    OpcUaServer server = server(Integer.parseInt(arguments[0]), Path.of(arguments[1]));
    Plant plant = new Plant(server);
    plant.startup();
    server.startup().get();
    System.out.println("ready");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      plant.set(line.split(" ", 6));
      System.out.println("done");
    }
    System.exit(0);
  }
}
