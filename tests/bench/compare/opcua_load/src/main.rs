//! An OPC UA server that is not the limit: `opcua-load PORT VARIABLES HERTZ FOLDER`.
//!
//! Variables `ns=2;i=1` to `ns=2;i=VARIABLES` are Doubles on a random walk: in each cycle all of them get a new value and
//! one source time. Security None and Basic256Sha256, SignAndEncrypt; certificates are made in FOLDER, clients' are taken.
//! FOLDER/cycles holds the source time of each cycle, microseconds since 1970 as 8 octets, little-endian.
//! It says `ready`, ends with its standard input, and then says how many samples it made in how many cycles.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opcua::server::address_space::Variable;
use opcua::server::diagnostics::NamespaceMetadata;
use opcua::server::node_manager::memory::{simple_node_manager, SimpleNodeManager};
use opcua::server::{Limits, Server, ServerBuilder, ServerEndpoint, ServerHandle, ANONYMOUS_USER_TOKEN_ID};
use opcua::types::{DataValue, DateTime, NodeId, StatusCode, Variant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::{interval, MissedTickBehavior};

const NAMESPACE: &str = "urn:bench:load";
/// How often subscriptions are looked at, ms: it bounds the publishing interval from below.
const LOOK: u64 = 5;
const MANY: usize = 200_000;
/// 1970-01-01 in OPC UA's ticks of 100 ns since 1601.
const UNIX_EPOCH_TICKS: i64 = 116_444_736_000_000_000;

struct Load {
    port: u16,
    variables: u32,
    hertz: f64,
    folder: PathBuf,
}

fn given() -> Option<Load> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [port, variables, hertz, folder] = words.as_slice() else { return None };
    Some(Load {
        port: port.parse().ok()?,
        variables: variables.parse().ok()?,
        hertz: hertz.parse().ok()?,
        folder: folder.into(),
    })
}

fn limits() -> Limits {
    let mut limits = Limits { max_array_length: MANY, max_sessions: 100, ..Limits::default() };
    limits.max_message_size = 64 << 20;
    limits.max_chunk_count = 2048;
    let subscriptions = &mut limits.subscriptions;
    subscriptions.min_sampling_interval_ms = 0.0;
    subscriptions.min_publishing_interval_ms = LOOK as f64;
    subscriptions.max_monitored_items_per_sub = 0;
    subscriptions.max_notifications_per_publish = 10_000;
    subscriptions.max_queued_notifications = 200;
    limits.operational.max_monitored_items_per_call = MANY;
    limits.operational.max_nodes_per_read = MANY;
    limits
}

fn server(load: &Load) -> Result<(Server, ServerHandle), String> {
    let anonymous = [ANONYMOUS_USER_TOKEN_ID.to_string()];
    let metadata = NamespaceMetadata { namespace_uri: NAMESPACE.into(), ..Default::default() };
    ServerBuilder::new()
        .application_name("Load")
        .application_uri("urn:bench:load:server")
        .host("127.0.0.1")
        .port(load.port)
        .pki_dir(load.folder.join("pki"))
        .certificate_path("own/cert.der")
        .private_key_path("private/private.pem")
        .create_sample_keypair(true)
        .trust_client_certs(true)
        .add_endpoint("none", ServerEndpoint::new_none("/", &anonymous))
        .add_endpoint("encrypted", ServerEndpoint::new_basic256sha256_sign_encrypt("/", &anonymous))
        .discovery_urls(vec!["/".into()])
        .with_node_manager(simple_node_manager(metadata, "load"))
        .subscription_poll_interval_ms(LOOK)
        .limits(limits())
        .build()
}

fn add_variables(manager: &SimpleNodeManager, nodes: &[NodeId], namespace: u16) {
    let mut space = manager.address_space().write();
    let folder = NodeId::new(namespace, "load");
    space.add_folder(&folder, "load", "load", &NodeId::objects_folder_id());
    let variables = nodes.iter().map(|node| Variable::new(node, node.to_string(), "", 0.0_f64)).collect();
    space.add_variables(variables, &folder);
}

/// Steps of a random walk (xorshift64*): a double whose lower digits are noise, as a transmitter's are.
struct Walk(u64);

impl Walk {
    fn step(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}

fn microseconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}

/// Changes every variable once per cycle until told to end. Returns the number of cycles.
async fn generate(load: &Load, manager: &SimpleNodeManager, handle: &ServerHandle, nodes: &[NodeId]) -> u64 {
    let mut cycles = File::create(load.folder.join("cycles")).expect("the folder can be written");
    let (mut walk, mut values) = (Walk(88_172_645_463_325_252), vec![20.0_f64; nodes.len()]);
    let mut tick = interval(Duration::from_secs_f64(1.0 / load.hertz));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut count, mut last) = (0, 0);
    loop {
        tokio::select! {
            () = handle.token().cancelled() => return count,
            _ = tick.tick() => {}
        }
        last = microseconds().max(last + 1);
        let at = DateTime::from(UNIX_EPOCH_TICKS + last * 10);
        values.iter_mut().for_each(|value| *value += 0.1 * walk.step() + (20.0 - *value) * 0.01);
        let changed = nodes.iter().zip(&values).map(|(node, value)| {
            let value = DataValue::new_at_status(Variant::Double(*value), at, StatusCode::Good);
            (node, None, value)
        });
        manager.set_values(handle.subscriptions(), changed).expect("all variables are there");
        cycles.write_all(&last.to_le_bytes()).expect("the folder can be written");
        count += 1;
    }
}

async fn until_told(handle: ServerHandle) {
    let mut rest = Vec::new();
    let _ = tokio::io::stdin().read_to_end(&mut rest).await;
    handle.cancel();
}

async fn run(load: Load) -> Result<u64, String> {
    let (server, handle) = server(&load)?;
    let manager: Arc<SimpleNodeManager> = handle.node_managers().get_of_type().ok_or("no node manager")?;
    let namespace = handle.get_namespace_index(NAMESPACE).ok_or("no namespace")?;
    let nodes: Vec<NodeId> = (1..=load.variables).map(|number| NodeId::new(namespace, number)).collect();
    add_variables(&manager, &nodes, namespace);
    let listener = TcpListener::bind(("127.0.0.1", load.port)).await.map_err(|error| error.to_string())?;
    let serving = tokio::spawn(server.run_with(listener));
    tokio::spawn(until_told(handle.clone()));
    println!("ready");
    let count = generate(&load, &manager, &handle, &nodes).await;
    serving.await.map_err(|error| error.to_string())??;
    Ok(count)
}

#[tokio::main]
async fn main() {
    let Some(load) = given().filter(|load| load.folder.is_dir()) else {
        eprintln!("usage: opcua-load PORT VARIABLES HERTZ FOLDER");
        std::process::exit(2);
    };
    let variables = u64::from(load.variables);
    match run(load).await {
        Ok(cycles) => println!("{} samples in {cycles} cycles", cycles * variables),
        Err(error) => {
            eprintln!("opcua-load: {error}");
            std::process::exit(1);
        }
    }
}
