//! Chance in a guest, made of the random bytes that came with the job: `Math.random` and as much
//! of `crypto` as makes random values.

use std::cell::RefCell;
use std::rc::Rc;

use base::Random;
use rquickjs::{Ctx, Exception, Function, Object, TypedArray, Value};
use uuid::Builder;

/// As in browsers.
const RANDOM_BYTES_MAX: usize = 65_536;

/// Puts `Math.random` and `crypto` into the interpreter.
pub fn install(ctx: &Ctx<'_>, random: &Rc<RefCell<Random>>) -> rquickjs::Result<()> {
    let math: Object<'_> = ctx.globals().get("Math")?;
    let generator = Rc::clone(random);
    math.set("random", Function::new(ctx.clone(), move || fraction(&generator.borrow()))?)?;
    let crypto = Object::new(ctx.clone())?;
    crypto.set("getRandomValues", random_values(ctx, Rc::clone(random))?)?;
    let generator = Rc::clone(random);
    let uuid = move || {
        Builder::from_random_bytes(generator.borrow().bytes()).into_uuid().hyphenated().to_string()
    };
    crypto.set("randomUUID", Function::new(ctx.clone(), uuid)?)?;
    ctx.globals().set("crypto", crypto)
}

/// From 0 to below 1, as fine as a double can tell.
fn fraction(random: &Random) -> f64 {
    const BITS: u32 = f64::MANTISSA_DIGITS;
    let number = u64::from_le_bytes(random.bytes()) >> (u64::BITS - BITS);
    #[expect(clippy::cast_precision_loss, reason = "it has as many bits as a double")]
    let number = number as f64;
    number / (BITS as f64).exp2()
}

fn random_values<'js>(
    ctx: &Ctx<'js>,
    random: Rc<RefCell<Random>>,
) -> rquickjs::Result<Function<'js>> {
    Function::new(ctx.clone(), move |ctx: Ctx<'js>, array: Value<'js>| {
        let Ok(bytes) = TypedArray::<u8>::from_value(array.clone()) else {
            return Err(Exception::throw_type(&ctx, "getRandomValues takes a Uint8Array"));
        };
        let length = bytes.len();
        if length > RANDOM_BYTES_MAX {
            let message = format!("getRandomValues fills at most {RANDOM_BYTES_MAX} bytes");
            return Err(Exception::throw_range(&ctx, &message));
        }
        let mut values = vec![0; length];
        random.borrow().fill(&mut values);
        for (place, value) in (0_u32..).zip(values) {
            bytes.set(place, value)?;
        }
        Ok(array)
    })
}
