//! An app that proves itself by a certificate instead of a secret.

use base::{Secret, Timestamp};
use connect::NewProof;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use sandbox::DEVELOPMENT_CLIENT_ID;

use crate::app::{App, on_each_engine};

/// The first second of 2027, when certificates of these tests end.
const END: Timestamp = Timestamp::from_secs(1_798_761_600);

/// A proof, and the public key that the provider knows it by.
fn certificate() -> (NewProof, String) {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::default();
    params.not_after = date_time_ymd(2027, 1, 1);
    let proof = NewProof {
        secret: Secret::new(key.serialize_pem()),
        certificate: Some(params.self_signed(&key).unwrap().pem()),
        expires_at: None,
    };
    (proof, key.public_key_pem())
}

async fn sets(app: &App, proof: NewProof) {
    app.connect.set_client(&app.integration, DEVELOPMENT_CLIENT_ID, proof).await.unwrap();
}

#[tokio::test]
async fn people_connect_and_stay_connected_by_an_assertion_it_signs() {
    on_each_engine(async |app| {
        let (proof, public) = certificate();
        app.world().register_certificate(DEVELOPMENT_CLIENT_ID, &public);
        sets(&app, proof).await;
        app.connected("ann").await;
        app.after(2 * 3_600);
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    })
    .await;
}

#[tokio::test]
async fn a_certificate_can_take_over_from_a_secret() {
    on_each_engine(async |app| {
        let (proof, public) = certificate();
        app.world().register_certificate(DEVELOPMENT_CLIENT_ID, &public);
        sets(&app, Secret::new("an old secret".to_owned()).into()).await;
        app.connect.set_successor(&app.integration, proof).await.unwrap();
        app.connected("ann").await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_the_provider_does_not_know_is_the_apps_failure() {
    on_each_engine(async |app| {
        sets(&app, certificate().0).await;
        let connect::Callback::Failed { error, .. } = app.connects("ann").await else {
            panic!("it is refused")
        };
        assert_eq!(error.code(), "app_misconfigured");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_key_or_no_certificate_is_refused_by_name() {
    on_each_engine(async |app| {
        let set = async |proof| {
            let set = app.connect.set_client(&app.integration, DEVELOPMENT_CLIENT_ID, proof);
            set.await.expect_err("refused").code()
        };
        let mut proof = certificate().0;
        proof.certificate = Some("no certificate".to_owned());
        assert_eq!(set(proof.clone()).await, "invalid_certificate");
        proof.secret = Secret::new("no key".to_owned());
        assert_eq!(set(proof).await, "invalid_private_key");
        let foreign = NewProof { certificate: certificate().0.certificate, ..certificate().0 };
        assert_eq!(set(foreign).await, "foreign_private_key");
    })
    .await;
}

#[tokio::test]
async fn its_end_is_read_from_it_and_an_earlier_one_that_is_told_counts() {
    on_each_engine(async |app| {
        let end = async || {
            let mut conn = app.store.read().await.unwrap();
            let (project, integration) = (app.project_id, app.integration.id);
            let found = store::app_registrations::find_current(&mut conn, project, integration);
            found.await.unwrap().unwrap()
        };
        let proof = certificate().0;
        sets(&app, proof.clone()).await;
        assert_eq!(end().await.proof.expires_at, Some(END));
        for (told, counts) in [(END.0 + 1, END), (END.0 - 1, Timestamp(END.0 - 1))] {
            let expires_at = Some(Timestamp(told));
            let next = NewProof { expires_at, ..proof.clone() };
            app.connect.set_successor(&app.integration, next).await.unwrap();
            assert_eq!(end().await.successor.unwrap().expires_at, Some(counts));
        }
        app.clock.advance(END.since(app.clock.now()) - std::time::Duration::from_secs(3_600));
        assert_eq!(app.connect.announce_expiring_secrets().await.unwrap(), 1);
    })
    .await;
}
