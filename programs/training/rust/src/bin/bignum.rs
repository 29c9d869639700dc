//! Large integers: factorials, powers modulo a prime, digits of e, and a test for primes.

use num_bigint::{BigInt, BigUint};

fn factorial(n: u32) -> BigUint {
    (1..=n).fold(BigUint::from(1u32), |product, factor| product * factor)
}

/// Digits of e behind the point, by the series of 1/n!.
fn digits_of_e(digits: u32) -> BigInt {
    let one = BigInt::from(10).pow(digits + 10);
    let (mut sum, mut term, mut n) = (one.clone(), one, 1);
    while term != BigInt::ZERO {
        term /= n;
        sum += &term;
        n += 1;
    }
    sum / BigInt::from(10).pow(10)
}

/// Miller and Rabin's test with a few fixed bases.
fn probably_prime(n: &BigUint) -> bool {
    let one = BigUint::from(1u32);
    let less = n - &one;
    let twos = less.trailing_zeros().unwrap_or(0);
    let odd = &less >> twos;
    [2u32, 3, 5, 7].iter().all(|&base| {
        let mut power = BigUint::from(base).modpow(&odd, n);
        if power == one || power == less {
            return true;
        }
        for _ in 1..twos {
            power = &power * &power % n;
            if power == less {
                return true;
            }
        }
        false
    })
}

fn main() {
    let large = factorial(900);
    println!("900! has {} digits", large.to_string().len());
    println!("e: {}", digits_of_e(600));
    let mersenne = (BigUint::from(1u32) << 127u32) - 1u32;
    println!("2^127-1 is prime: {}", probably_prime(&mersenne));
    let mut candidate = (BigUint::from(1u32) << 160u32) + 1u32;
    while !probably_prime(&candidate) {
        candidate += 2u32;
    }
    println!("the next prime: {candidate:x}");
    let parsed: BigUint = large.to_string().parse().expect("its own digits");
    println!("{} {}", parsed == large, (&parsed >> 3000u32) % &mersenne);
}
