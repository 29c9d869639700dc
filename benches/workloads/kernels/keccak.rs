//! SHA3-256 after FIPS 202: exclusive or, rotation and `and not` of 25 words of 64 bits.

/// The constants of ι, from the shift register that section 3.2.5 describes.
fn round_constants() -> [u64; 24] {
    let mut register = 1u8;
    let mut next_bit = || {
        let bit = register & 1;
        // x^8 + x^6 + x^5 + x^4 + 1, least significant bit first.
        let carry = register >> 7;
        register = register << 1 ^ carry * 0x71;
        u64::from(bit)
    };
    std::array::from_fn(|_| (0..7).map(|j| next_bit() << ((1 << j) - 1)).sum())
}

/// Distances and places of ρ and π, from section 3.2.2's walk.
fn walk() -> [(u32, usize); 24] {
    let (mut x, mut y) = (1, 0);
    std::array::from_fn(|t| {
        let distance = ((t + 1) * (t + 2) / 2 % 64) as u32;
        (x, y) = (y, (2 * x + 3 * y) % 5);
        (distance, x + 5 * y)
    })
}

struct Keccak {
    constants: [u64; 24],
    walk: [(u32, usize); 24],
}

impl Keccak {
    fn new() -> Self {
        Self {
            constants: round_constants(),
            walk: walk(),
        }
    }

    fn permute(&self, a: &mut [u64; 25]) {
        for constant in self.constants {
            // θ
            let c: [u64; 5] = std::array::from_fn(|x| a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20]);
            for x in 0..5 {
                let d = c[(x + 4) % 5] ^ c[(x + 1) % 5].rotate_left(1);
                for y in 0..5 {
                    a[x + 5 * y] ^= d;
                }
            }
            // ρ and π
            let mut last = a[1];
            for (distance, place) in self.walk {
                let lane = a[place];
                a[place] = last.rotate_left(distance);
                last = lane;
            }
            // χ
            for y in 0..5 {
                let row: [u64; 5] = std::array::from_fn(|x| a[5 * y + x]);
                for x in 0..5 {
                    a[5 * y + x] = row[x] ^ !row[(x + 1) % 5] & row[(x + 2) % 5];
                }
            }
            // ι
            a[0] ^= constant;
        }
    }

    /// The hash of a message, as four little-endian words.
    fn sha3_256(&self, message: &[u8]) -> [u64; 4] {
        const RATE: usize = 136;
        let mut state = [0u64; 25];
        let absorb = |state: &mut [u64; 25], block: &[u8; RATE]| {
            for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
                *lane ^= u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
            }
            self.permute(state);
        };
        let (blocks, rest) = message.as_chunks::<RATE>();
        blocks.iter().for_each(|block| absorb(&mut state, block));
        let mut last = [0u8; RATE];
        last[..rest.len()].copy_from_slice(rest);
        last[rest.len()] = 0x06;
        last[RATE - 1] |= 0x80;
        absorb(&mut state, &last);
        [state[0], state[1], state[2], state[3]]
    }
}

/// The first word of the hash of n KiB.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let message: Vec<u8> = (0..n as u32 * 1024).map(|i| (i * 7 + (i >> 8)) as u8).collect();
    Keccak::new().sha3_256(&message)[0] as i64
}

/// How many of the standard's example messages, the empty one and "abc", get a wrong hash.
#[unsafe(no_mangle)]
pub extern "C" fn vectors() -> i32 {
    let keccak = Keccak::new();
    let wrong = |message: &[u8], first: [u8; 8]| {
        i32::from(keccak.sha3_256(message)[0] != u64::from_le_bytes(first))
    };
    wrong(b"", [0xa7, 0xff, 0xc6, 0xf8, 0xbf, 0x1e, 0xd7, 0x66])
        + wrong(b"abc", [0x3a, 0x98, 0x5d, 0xa7, 0x4f, 0xe2, 0x25, 0xb2])
}
