//! An app that proves itself by a certificate instead of a secret.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect::NewProof;
use sandbox::DEVELOPMENT_CLIENT_ID;

use crate::app::{App, on_each_engine};

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// A proof, and the public key that the provider knows it by. What stands in the certificate
/// beside its key is nobody's business here: only its thumbprint is sent.
fn certificate() -> (NewProof, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let proof = NewProof {
        secret: Secret::new(pem("PRIVATE KEY", private.as_ref())),
        certificate: Some(pem("CERTIFICATE", public.as_ref())),
        expires_at: None,
    };
    (proof, pem("PUBLIC KEY", public.as_ref()))
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
    })
    .await;
}
