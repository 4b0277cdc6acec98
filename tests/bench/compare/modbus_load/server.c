/* A Modbus TCP server that is not the limit, on libmodbus: `server PORT REGISTERS HERTZ FOLDER`.
 *
 * Holding registers 0 to REGISTERS - 1 of unit 1 are noisy numbers around 2000; each cycle changes all of them.
 * FOLDER/cycles holds the time of each cycle, microseconds since 1970 as 8 octets, little-endian.
 * It says `ready`, ends with its standard input, and then says how many values it made in how many cycles. */
#include <modbus/modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, FIXED = 3 };

static void change(modbus_mapping_t *memory, FILE *cycles)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t at = (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
    for (int i = 0; i < memory->nb_registers; i++)
        memory->tab_registers[i] = 2000 + random() % 64;
    fwrite(&at, sizeof at, 1, cycles);
    fflush(cycles);
}

/* Answers one request; false when the client has gone. */
static int answer(modbus_t *context, modbus_mapping_t *memory, int client)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(context, client);
    int length = modbus_receive(context, query);
    if (length > 0)
        modbus_reply(context, query, length, memory);
    return length >= 0;
}

static int timer(double hertz)
{
    long nanoseconds = (long) (1e9 / hertz);
    struct timespec each = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    struct itimerspec spec = {each, each};
    int made = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(made, 0, &spec, NULL);
    return made;
}

/* Until the standard input ends. Returns the number of cycles. */
static uint64_t serve(modbus_t *context, modbus_mapping_t *memory, int listening, double hertz, FILE *cycles)
{
    struct pollfd watched[FIXED + CLIENTS] = {
        {STDIN_FILENO, POLLIN, 0}, {timer(hertz), POLLIN, 0}, {listening, POLLIN, 0}};
    nfds_t count = FIXED;
    uint64_t changes = 0, expired;
    while (poll(watched, count, -1) > 0 && !watched[0].revents) {
        if (watched[1].revents && read(watched[1].fd, &expired, sizeof expired) > 0) {
            change(memory, cycles);
            changes++;
        }
        for (nfds_t i = FIXED; i < count; i++)
            if (watched[i].revents && !answer(context, memory, watched[i].fd)) {
                close(watched[i].fd);
                watched[i--] = watched[--count];
            }
        if (watched[2].revents && count < FIXED + CLIENTS) {
            int client = modbus_tcp_accept(context, &listening);
            if (client >= 0)
                watched[count++] = (struct pollfd) {client, POLLIN, 0};
        }
    }
    return changes;
}

int main(int count, char **given)
{
    char path[4096];
    if (count != 5)
        return 2;
    snprintf(path, sizeof path, "%s/cycles", given[4]);
    FILE *cycles = fopen(path, "wb");
    modbus_t *context = modbus_new_tcp("127.0.0.1", atoi(given[1]));
    modbus_mapping_t *memory = modbus_mapping_new(0, 0, atoi(given[2]), 0);
    int listening = context == NULL ? -1 : modbus_tcp_listen(context, CLIENTS);
    if (cycles == NULL || memory == NULL || listening < 0) {
        perror("server");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    uint64_t changes = serve(context, memory, listening, atof(given[3]), cycles);
    printf("%llu samples in %llu cycles\n", (unsigned long long) changes * memory->nb_registers,
           (unsigned long long) changes);
    return 0;
}
