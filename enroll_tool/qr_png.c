#include "qr.h"

#include <png.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>

#define PIXELS 8 /* a module: one whole byte of a one-bit row */

/* libpng and the zlib below it get their memory here, so that the picture is wiped out of it. */
struct block {
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    (void)png;
    struct block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    return block->bytes;
}

static void wipe_and_free(png_structp png, png_voidp bytes)
{
    (void)png;
    if (bytes == NULL)
        return;
    struct block *block = (struct block *)(void *)((char *)bytes - offsetof(struct block, bytes));
    secret_wipe(block->bytes, block->size);
    free(block);
}

static void on_error(png_structp png, png_const_charp text)
{
    (void)text;
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void on_bytes(png_structp png, png_bytep bytes, size_t len)
{
    sink_put(png_get_io_ptr(png), bytes, len);
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void write_picture(const struct qr *qr, png_structp png, png_infop info, uint8_t *row)
{
    unsigned side = qr_side(qr);

    png_set_IHDR(png, info, side * PIXELS, side * PIXELS, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < side; y++) {
        for (unsigned x = 0; x < side; x++)
            row[x] = qr_is_dark(qr, x, y) ? 0x00 : 0xff;
        for (unsigned i = 0; i < PIXELS; i++)
            png_write_row(png, row);
    }
    png_write_end(png, NULL);
}

enum status qr_write_png(const struct qr *qr, struct sink *sink)
{
    secret_owner struct secret *row = secret_new(qr_side(qr));
    if (row == NULL)
        return STATUS_NO_MEMORY;

    png_structp png =
        png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning, NULL, allocate, wipe_and_free);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        return STATUS_NO_MEMORY;
    }
    /* Nothing local is changed after this, so nothing is indeterminate when libpng jumps back. */
    if (setjmp(png_jmpbuf(png)) == 0) {
        png_set_write_fn(png, sink, on_bytes, on_flush);
        write_picture(qr, png, info, secret_fill(row));
        png_destroy_write_struct(&png, &info);
        return STATUS_OK;
    }
    png_destroy_write_struct(&png, &info);
    return STATUS_FAILED;
}
