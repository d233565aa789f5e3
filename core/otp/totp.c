#include <garde/otp.h>

uint64_t otp_step(int64_t now_s, uint32_t period_s)
{
    return now_s < 0 ? 0 : (uint64_t)now_s / period_s;
}
