//! Master keys, by the command line beside a running server.

use crate::gangway::{Gangway, operate, operates};

#[tokio::test]
async fn a_key_is_rotated_and_retired_while_the_server_runs() {
    let gangway = Gangway::start().await;
    gangway.connects().await;
    let data = gangway.data.path();
    let said = operates(data, &["keys", "status"]);
    let old = said.split_whitespace().next().unwrap().to_owned();
    assert!(
        said.contains(&format!("{old}  current  wraps 1 project, and every new one")),
        "{said}"
    );

    let (succeeded, said) = operate(data, &["keys", "retire", &old]);
    assert!(!succeeded && said.contains("is the current master key"), "{said}");
    let said = operates(data, &["keys", "rotate"]);
    assert!(said.contains("Wrapped 1 project anew"), "{said}");
    assert!(said.contains("to your safe place now"), "{said}");
    assert!(said.contains(&format!("`gangway keys retire {old}`")), "{said}");
    let said = operates(data, &["keys", "retire", &old]);
    assert!(said.contains("keep your copy"), "{said}");
    assert!(!operates(data, &["keys", "status"]).contains(&old));
    assert_eq!(gangway.proxies().await.0, 200);

    let said = operates(data, &["keys", "rotate", "--data-keys"]);
    assert!(said.contains("Gave 1 project a new data key. Secrets sealed anew: 1."), "{said}");
    assert_eq!(gangway.proxies().await.0, 200);

    let again = Gangway::start_in(gangway.stop()).await;
    assert_eq!(again.proxies().await.0, 200);
}
