"""Small GANs as users of Lightning and of Keras write them, for the tests of callbacks."""

import os

import torch
from torch import nn
from torch.nn.functional import softplus

from gan_lesson.data import ring


def small_nets():
    """G and D for points of the plane, z of 4 numbers."""
    G = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    return G, D


def points(n=256):
    """Return points of the ring, shape (n, 2)."""
    return ring().sample(n, torch.Generator().manual_seed(0))


def lightning_gan(lightning, d_steps=1, names=("d_loss", "g_loss"), per_layer=False):
    """A GAN with two optimisers, as Lightning 2 asks for: by hand.

    It logs what it computed, also from a list that `given` keeps: one dict a batch.
    """

    class Gan(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.automatic_optimization = False
            self.G, self.D = small_nets()
            self.given = []

        def training_step(self, batch, batch_idx):
            (x_real,) = batch
            optimizer_d, optimizer_g = self.optimizers()
            x_fake = self.G(torch.randn(len(x_real), 4))
            s_real, s_fake = self.D(x_real), self.D(x_fake.detach())
            loss_d = softplus(-s_real).mean() + softplus(s_fake).mean()
            self._descend(optimizer_d, loss_d)
            row = {names[0]: loss_d, "D(x)": s_real.sigmoid().mean(), "lr": 1e-3}
            row["D(G(z))"] = s_fake.sigmoid().mean()
            if batch_idx % d_steps == d_steps - 1:
                loss_g = softplus(-self.D(x_fake)).mean()
                self._descend(optimizer_g, loss_g)
                row[names[1]] = loss_g
            self.log(names[0], row[names[0]], prog_bar=True)
            self.log_dict({name: value for name, value in row.items() if name != names[0]})
            self.given.append({n: float(torch.as_tensor(v).detach()) for n, v in row.items()})

        def validation_step(self, batch, batch_idx):
            self.log("g_loss", 1e6)

        def _descend(self, optimizer, loss):
            optimizer.zero_grad()
            self.manual_backward(loss)
            optimizer.step()

        def configure_optimizers(self):
            nets = (self.D, self.G)
            return [torch.optim.Adam(net.parameters(), 1e-3) for net in nets]

    return Gan()


def lightning_trainer(lightning, callbacks, epochs=1, **settings):
    """A trainer that writes nothing and shows nothing."""
    return lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=callbacks,
        **settings,
    )


def loader_of(x, batch=32):
    """Return a loader of batches [x], as a TensorDataset gives them."""
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x), batch)


def import_keras(folder):
    """Import Keras on PyTorch, its settings kept in a folder of the test."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("KERAS_HOME", str(folder))
    import keras

    return keras


def keras_nets(keras):
    """The same nets of Keras's layers."""
    layers = keras.layers
    G = [layers.Input((4,)), layers.Dense(16, "relu"), layers.Dense(2)]
    D = [layers.Input((2,)), layers.Dense(16, "leaky_relu"), layers.Dense(1)]
    return keras.Sequential(G), keras.Sequential(D)


def keras_gan(keras, running_means=False, d_steps=1):
    """A GAN with a `train_step` of its own, as Keras's guide for PyTorch writes it, compiled.

    With running means it returns the results of `keras.metrics.Mean`, as that guide does.
    """

    class Gan(keras.Model):
        def __init__(self):
            super().__init__()
            self.G, self.D = keras_nets(keras)
            self.means = [keras.metrics.Mean(name=name) for name in ("d_loss", "g_loss")]
            self.given = []
            self.built = True
            self.compile()
            self.of_d, self.of_g = (keras.optimizers.Adam(1e-3) for _ in range(2))

        @property
        def metrics(self):
            return self.means if running_means else []

        def train_step(self, x_real):
            x_fake = self.G(torch.randn(len(x_real), 4))
            s_real, s_fake = self.D(x_real), self.D(x_fake.detach())
            loss_d = softplus(-s_real).mean() + softplus(s_fake).mean()
            self._descend(self.of_d, self.D, loss_d)
            row = {"d_loss": loss_d, "D(x)": s_real.sigmoid().mean(), "lr": torch.tensor(1e-3)}
            row["D(G(z))"] = s_fake.sigmoid().mean()
            if len(self.given) % d_steps == d_steps - 1:
                row["g_loss"] = loss_g = softplus(-self.D(x_fake)).mean()
                self._descend(self.of_g, self.G, loss_g)
            row = {name: value.item() for name, value in row.items()}
            self.given.append(row)
            if not running_means:
                return row
            for mean in self.means:
                if mean.name in row:
                    mean.update_state(row[mean.name])
            return row | {mean.name: mean.result() for mean in self.means}

        def _descend(self, optimizer, net, loss):
            self.zero_grad()
            loss.backward()
            with torch.no_grad():
                weights = net.trainable_weights
                optimizer.apply([weight.value.grad for weight in weights], weights)

    return Gan()
