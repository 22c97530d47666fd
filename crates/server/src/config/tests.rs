use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base::Random;
use figment::providers::Serialized;

use super::*;

/// What is wrong with a production configuration made of `file` and `environment`.
fn problems(file: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gangway.toml");
    std::fs::write(&path, file).expect("a file");
    let problems = load(Some(&path), environment).expect_err("something is wrong");
    let folder = format!("{}/", folder.path().display());
    problems.iter().map(|problem| problem.to_string().replace(&folder, "")).collect()
}

fn load(file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::load(&Sources { file: file.map(Path::to_owned), environment, mode: None })
}

const MASTER_KEY: (&str, &str) =
    ("GANGWAY_KEYS__MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
const PUBLIC_URL: (&str, &str) = ("GANGWAY_SERVER__PUBLIC_URL", "https://gangway.example.com");
const DEVELOPMENT: (&str, &str) = ("GANGWAY_SERVER__MODE", "development");

#[test]
fn production_says_everything_it_needs_at_once() {
    assert_eq!(
        problems("", &[]),
        [
            "server.public_url: Production needs the address under which browsers reach Gangway, \
             such as https://gangway.example.com. Set it here or as GANGWAY_SERVER__PUBLIC_URL.",
            "keys.master_key_file: Production needs a master key. Make one with `gangway keys \
             generate --out FILE` and set keys.master_key_file to that file.",
        ]
    );
}

#[test]
fn production_starts_with_a_public_url_and_a_master_key() {
    let config = load(None, &[MASTER_KEY, PUBLIC_URL]).expect("all is well");
    assert_eq!(config.public_url(), "https://gangway.example.com");
    assert!(!config.is_development());
}

#[tokio::test]
async fn without_a_database_address_a_file_in_the_private_data_directory_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("Data of Gangway");
    let environment =
        [DEVELOPMENT, ("GANGWAY_SERVER__DATA_DIRECTORY", data.to_str().expect("a name"))];
    let config = load(None, &environment).expect("all is well");
    config.make_data_directory().expect("a directory");
    config.make_data_directory().expect("it is there");
    let mode = std::fs::metadata(&data).expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let store = store::Store::open(config.database_url().as_str()).await.expect("a database");
    store.close().await;
    assert!(data.join("gangway.db").exists());
}

#[test]
fn development_needs_nothing() {
    let config = load(None, &[DEVELOPMENT]).expect("all is well");
    assert_eq!(config.public_url(), "http://localhost:8080");
    assert!(config.is_development());
}

#[test]
fn the_command_decides_the_mode() {
    let sources = Sources { mode: Some(Mode::Development), ..Sources::default() };
    assert!(Config::load(&sources).expect("all is well").is_development());
}

#[test]
fn every_wrong_setting_is_told_with_its_place_and_without_its_value() {
    let file = "
        colour = 'red'
        [server]
        mode = 'productoin'
        listen = ['localhost']
        prot = 8080
        url_bytes_max = 0
        body_bytes_max = 'large'
        trusted_proxies = ['10.0.0.0/99']
        [database]
        url = 'mysql://ann:hunter2@db/x'
        [development_keys.azuredevops]
        client_secret = 12345
        [outbound]
        allow = '10.0.0.0/8'
        idle_timeout_seconds = -1
        egress_proxy = 'socks5://ann:hunter2@host'
        [sandbox]
        http_port = 70000
        enabled = 'no'
    ";
    let environment = [MASTER_KEY, PUBLIC_URL, ("GANGWAY_LOG__FORMAT", "xml")];
    let problems = problems(file, &environment);
    insta::assert_snapshot!(problems.join("\n"), @r#"
    colour (in gangway.toml): There is no such setting. config.default.toml lists them all.
    database.url (in gangway.toml): It must begin with sqlite: or postgres:.
    development_keys.azuredevops.client_secret (in gangway.toml): It must be text, not a number.
    log.format (in GANGWAY_LOG__FORMAT): It must be "text" or "json".
    outbound.allow (in gangway.toml): It must be a list, not text.
    outbound.egress_proxy (in gangway.toml): It must begin with http://.
    outbound.idle_timeout_seconds (in gangway.toml): It must be a whole number of 0 or more.
    sandbox.enabled (in gangway.toml): It must be true or false, not text.
    sandbox.http_port (in gangway.toml): It must be a number from 0 to 65535.
    server.body_bytes_max (in gangway.toml): It must be a whole number of 0 or more, not text.
    server.listen (in gangway.toml): An address has a number and a port, such as 127.0.0.1:8080 or [::1]:8080.
    server.mode (in gangway.toml): It must be "production" or "development".
    server.prot (in gangway.toml): There is no such setting. config.default.toml lists them all.
    server.trusted_proxies (in gangway.toml): A network is an address, or an address and a length: 10.1.2.3 or 10.0.0.0/8.
    server.url_bytes_max (in gangway.toml): It must be 1 or more.
    "#);
}

#[test]
fn a_public_url_is_https_and_bare_and_free_of_the_letters_proxy() {
    let with = |url| problems("", &[MASTER_KEY, ("GANGWAY_SERVER__PUBLIC_URL", url)]).join("\n");
    insta::assert_snapshot!(with("http://gangway.example.com"), @r#"server.public_url: It must begin with https:// unless the host is localhost: tokens travel over it. Put a reverse proxy with a certificate before Gangway and name its address."#);
    insta::assert_snapshot!(with("https://example.com/gangway"), @r#"server.public_url (in GANGWAY_SERVER__PUBLIC_URL): It must be scheme, host and port and nothing else: https://gangway.example.com."#);
    insta::assert_snapshot!(with("https://proxy.example.com"), @r#"server.public_url (in GANGWAY_SERVER__PUBLIC_URL): It must not contain the letters "proxy": the browser SDK takes every address with them for a proxied call. Choose another host name."#);
    for url in ["http://localhost:8080/", "http://127.0.0.1:8080", "http://[::1]:8080"] {
        load(None, &[MASTER_KEY, ("GANGWAY_SERVER__PUBLIC_URL", url)]).expect(url);
    }
}

#[test]
fn a_file_that_is_not_toml_is_told_by_its_line_and_not_quoted() {
    let file = "[development_keys.azuredevops]\nclient_id = 'x'\nclient_secret = hunter2\n";
    assert_eq!(
        problems(file, &[MASTER_KEY, PUBLIC_URL]),
        ["gangway.toml: Line 3 is not TOML. Texts stand in quotes, sections in brackets."]
    );
}

#[test]
fn a_file_that_is_missing_is_told() {
    let missing = Path::new("/does/not/exist.toml");
    let problems = load(Some(missing), &[MASTER_KEY, PUBLIC_URL]).expect_err("no such file");
    let message = "The configuration file cannot be read: No such file or directory (os error 2).";
    assert_eq!(problems[0].to_string(), format!("/does/not/exist.toml: {message}"));
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gangway.toml");
    let text = "
        [server]
        url_bytes_max = 1
        header_bytes_max = 1
        [development_keys.azuredevops]
        client_id = 'from the file'
    ";
    std::fs::write(&file, text).expect("a file");
    let environment = [
        DEVELOPMENT,
        ("GANGWAY_CONFIG", file.to_str().expect("a name")),
        ("GANGWAY_SERVER__URL_BYTES_MAX", "2"),
        ("GANGWAY_SERVER__LISTEN", r#"["0.0.0.0:80"]"#),
        ("GANGWAY_DEVELOPMENT_KEYS__AZUREDEVOPS__CLIENT_SECRET", "12345"),
        ("GANGWAY_SERVICE_HOST", "10.0.0.1"),
    ];
    let config = load(None, &environment).expect("all is well");
    let server = config.server;
    assert_eq!((server.url_bytes_max, server.header_bytes_max), (2, 1));
    assert_eq!(server.body_bytes_max, 1_048_576);
    assert_eq!(server.listen, ["0.0.0.0:80".parse().expect("an address")]);
    assert_eq!(config.development_keys["azuredevops"].client_id, "from the file");
}

#[test]
fn a_printed_configuration_holds_no_secret() {
    let environment = [
        MASTER_KEY,
        PUBLIC_URL,
        ("GANGWAY_DATABASE__URL", "postgres://ann:hunter2@db/x"),
        ("GANGWAY_OUTBOUND__EGRESS_PROXY", "http://ann:hunter2@out:3128"),
        ("GANGWAY_DEVELOPMENT_KEYS__AZUREDEVOPS__CLIENT_ID", "id"),
        ("GANGWAY_DEVELOPMENT_KEYS__AZUREDEVOPS__CLIENT_SECRET", "hunter2"),
    ];
    let printed = format!("{:?}", load(None, &environment).expect("all is well"));
    assert!(!printed.contains("hunter2") && !printed.contains("AAAA"), "{printed}");
}

#[test]
fn two_things_of_development_cannot_share_a_port() {
    let environment = [DEVELOPMENT, ("GANGWAY_SANDBOX__HTTP_PORT", "8081")];
    let found = problems("", &environment);
    assert_eq!(found, ["sandbox.http_port: Port 8081 is taken by example_host.port."]);
}

#[test]
fn a_generated_master_key_is_private_and_loads_and_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("master.key");
    MasterKeys::create_file(&file, &Random::seeded(1)).expect("a key");
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);

    let path = file.to_str().expect("a name");
    let environment = [PUBLIC_URL, ("GANGWAY_KEYS__MASTER_KEY_FILE", path)];
    let config = load(None, &environment).expect("all is well");
    config.master_keys(&Random::seeded(2)).expect("the keys");

    let again = MasterKeys::create_file(&file, &Random::seeded(2)).expect_err("it exists");
    assert_eq!(again.code(), "key_file_exists");
}

#[test]
fn development_makes_a_master_key_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a name");
    let config =
        load(None, &[DEVELOPMENT, ("GANGWAY_SERVER__DATA_DIRECTORY", data)]).expect("all is well");
    let made = || {
        config.master_keys(&Random::system()).expect("a key");
        std::fs::read_to_string(folder.path().join("master.key")).expect("a file")
    };
    assert_eq!(made(), made());
}

#[test]
fn a_master_key_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("master.key");
    MasterKeys::create_file(&file, &Random::system()).expect("a key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("its mode");
    let path = file.to_str().expect("a name");
    let found = problems("", &[PUBLIC_URL, ("GANGWAY_KEYS__MASTER_KEY_FILE", path)]);
    assert_eq!(
        found,
        [format!("keys.master_key_file: Others may read {path}. Run: chmod 600 {path}")]
    );
}

#[test]
fn a_master_key_of_another_form_is_refused() {
    for key in ["hunter2", "c2hvcnQ="] {
        let found = problems("", &[PUBLIC_URL, (MASTER_KEY.0, key)]);
        assert!(found[0].starts_with(
            "keys.master_key (in GANGWAY_KEYS__MASTER_KEY): The master key must be 32 random bytes"
        ));
    }
}

#[test]
fn every_setting_stands_in_the_default_file() {
    let defaults = layers::parse(layers::DEFAULTS).expect("TOML");
    let settings = layers::leaves(&defaults, &defaults);
    assert!(settings.len() > 30);
    for (path, _) in settings {
        let mut without = figment::value::Value::from(defaults.clone());
        let mut table = &mut without;
        for part in &path[..path.len() - 1] {
            let figment::value::Value::Dict(_, values) = table else { panic!("{path:?}") };
            table = values.get_mut(part).expect("a section");
        }
        let figment::value::Value::Dict(_, values) = table else { panic!("{path:?}") };
        values.remove(path.last().expect("a name"));
        let read = figment::Figment::from(Serialized::defaults(without)).extract::<Config>();
        assert!(read.is_err(), "{path:?} can be left out");
    }
}

#[test]
fn every_setting_is_explained_by_a_comment_in_the_default_file() {
    let text = include_str!("../../../../config.default.toml");
    let mut comment_above = false;
    for line in text.lines() {
        if line.is_empty() || line.starts_with('[') {
            comment_above = false;
        } else if line.starts_with('#') {
            comment_above = true;
        } else {
            assert!(comment_above, "no comment above: {line}");
        }
    }
}
