//! Writes pictures as PNG, in several kinds of pixels and filters, and reads them again.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Filter};

const WIDTH: u32 = 200;
const HEIGHT: u32 = 150;

fn draw(channels: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT) as usize * channels);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let wave = ((x as f32 * 0.13).sin() * (y as f32 * 0.09).cos() * 100.0 + 127.0) as u8;
            let colours = [
                wave,
                (x ^ y) as u8,
                (x * y / 97) as u8,
                if x > y { 255 } else { 90 },
            ];
            pixels.extend_from_slice(&colours[..channels]);
        }
    }
    pixels
}

fn round_trip(pixels: &[u8], colour: ColorType, filter: Filter) -> usize {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(pixels).expect("the pixels");
    writer.finish().expect("an end");
    let mut reader = Decoder::new(Cursor::new(&file))
        .read_info()
        .expect("the header again");
    let mut again = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut again).expect("the pixels again");
    assert_eq!(again, pixels);
    file.len()
}

fn main() {
    for (colour, channels) in [
        (ColorType::Grayscale, 1),
        (ColorType::Rgb, 3),
        (ColorType::Rgba, 4),
    ] {
        let pixels = draw(channels);
        for filter in [
            Filter::NoFilter,
            Filter::Sub,
            Filter::Paeth,
            Filter::Adaptive,
        ] {
            println!(
                "{colour:?} {filter:?}: {} bytes",
                round_trip(&pixels, colour, filter)
            );
        }
    }
}
